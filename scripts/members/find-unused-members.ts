import { parseAst } from 'rolldown/parseAst';

/** A member of a class or an interface, and where it is declared. */
export interface DeclaredMember {
  readonly path: string;
  /** The name of the class or interface. */
  readonly owner: string;
  readonly name: string;
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The kinds of nodes that declare a member; its name is their `key`. */
const CLASS_MEMBERS = ['MethodDefinition', 'PropertyDefinition'];
const INTERFACE_MEMBERS = ['TSPropertySignature', 'TSMethodSignature'];
const OWNERS = ['ClassDeclaration', 'TSInterfaceDeclaration'];

/**
 * Finds members of classes and interfaces that no source uses. A member of a class is used where something reads a property
 * of its name; a member of an interface also where an object has a property of its name, which may be written out as a
 * whole. So a member that shares its name with a used one is not found.
 *
 * @param sources the text of each file, by path, without tests
 */
export function findUnusedMembers(sources: ReadonlyMap<string, string>): DeclaredMember[] {
  const ofClasses: DeclaredMember[] = [];
  const ofInterfaces: DeclaredMember[] = [];
  const read = new Set<string>();
  const written = new Set<string>();
  for (const [path, text] of sources) {
    visit(asNode(parseAst(text, { lang: 'ts' }, path)), undefined, '', (node, parent, owner) => {
      const name = node.type === 'Identifier' ? node['name'] : node.type === 'Literal' && node['value'];
      if (typeof name !== 'string') return;
      if (parent?.['key'] === node && CLASS_MEMBERS.includes(parent.type)) {
        const isOwn = name !== 'constructor' && parent['override'] !== true;
        if (isOwn && owner !== '') ofClasses.push({ path, owner, name });
      } else if (parent?.['key'] === node && INTERFACE_MEMBERS.includes(parent.type)) {
        if (owner !== '') ofInterfaces.push({ path, owner, name });
      } else if (
        node.type === 'Literal' ||
        parent?.['property'] === node ||
        parent?.type === 'PatternProperty'
      ) {
        read.add(name);
      } else {
        written.add(name);
      }
    });
  }
  return [
    ...ofClasses.filter(({ name }) => !read.has(name)),
    ...ofInterfaces.filter(({ name }) => !read.has(name) && !written.has(name)),
  ];
}

type Enter = (node: Node, parent: Node | undefined, owner: string) => void;

/** Visits a node and all below it, with the node above and the name of the class or interface around it. */
function visit(node: Node, parent: Node | undefined, owner: string, enter: Enter): void {
  enter(node, parent, owner);
  const { id } = node;
  const inside = OWNERS.includes(node.type) && isNode(id) ? String(id['name']) : owner;
  // A property of a pattern, `{ name } = object`, reads; one of an object that is made, `{ name: 1 }`, writes.
  const self =
    node.type === 'Property' && parent?.type === 'ObjectPattern'
      ? { ...node, type: 'PatternProperty' }
      : node;
  for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, self, inside, enter);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function asNode(value: object): Node {
  if (!isNode(value)) throw new TypeError('Expected a syntax tree');
  return value;
}
