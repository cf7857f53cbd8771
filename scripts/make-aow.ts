/**
 * Writes `data/aow.txt`, the file the shipped configuration offers and asks for: a text of the project's own, of
 * exactly the size of the edition it stands in for. Run as `node build/scripts/make-aow.js` after a build.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Random, randomBelow, seededRandom } from '../src/util/index.ts';

const SIZE = 343_691;
const WIDTH = 78;
const PARAGRAPHS_IN_CHAPTER = 25;

const HEAD = `THE SHOAL: A STAND-IN TEXT

This is not The Art of War. It is a text of the Shoal project's own, put
together from its own sentences by scripts/make-aow.ts, so that a fresh
checkout has a file to share, exactly as large as the edition it stands in
for: ${SIZE} bytes. It says little that is new after the first page.

To share the original instead, put it here as data/aow.txt. If its SHA-256 is

  98c4a4a4710a40ae79de349b582950f9eed2196a7ff05f1e4c5aca3b51d1f588

then set client.fileHash in config/config.properties to that; nothing else
needs to change. Any other file works, too: set client.fileName,
client.fileSize and client.fileHash to its name, size and SHA-256.
`;

const CHAPTERS = [
  'Of the shoal and those who swim in it',
  'Of pieces, and why a file is cut into them',
  'Of the tracker, who knows everyone and holds nothing',
  'Of choosing which piece to ask for next',
  'Of giving and being given',
  'Of trust, and of doing without it',
  'Of slow waters',
  'Of those who leave',
  'Of arriving',
];

/** `{word}` stands for any of {@link WORDS}. */
const SENTENCES = [
  'A {fish} that holds {some} of the pieces is worth asking, even while it is still looking for the rest.',
  'No {fish} carries the whole load: each gives what it has, and the shoal has everything.',
  'Ask {many} at once, and the slowest of them does not matter {much}.',
  'The rarest piece is fetched first, because the {fish} that holds it may swim off {soon}.',
  'A piece that does not match its hash is thrown away, and the {fish} that sent it is not asked for it again.',
  'Whoever keeps {many} requests under way never waits for the {water} to carry an answer back.',
  'The tracker keeps a list of who is here; it has never seen a single byte of the file.',
  'When the {fish} that brought the file leaves {soon}, those who hold {some} of it together still hold all of it.',
  'A block is sixteen kibibytes: small enough to be asked of another when it is late, large enough to be worth the {trouble}.',
  'He who gives only to those who give back is {well} served; now and then he tries a stranger.',
  'The last few blocks are asked of {many}, and the first answer wins; the others are told that they need not {trouble}.',
  'Of what is heard in the {water}, believe the hash.',
  'A {fish} that says nothing for two minutes has left, whatever it promised.',
  'It does not matter in which order the pieces arrive, as long as each of them arrives {once}.',
  'A newcomer has nothing to give, so the nearest {fish} gives it a first piece for nothing.',
  'What was written to disk is read again only when somebody asks for it, or when there is doubt.',
  'If the tracker does not answer, wait a {little}, then twice as long; the shoal swims on {well} without it.',
  'The {fish} at the front is not the leader: it happens to be where the others will be next.',
  'Two {water} paths are better than one, and {many} are better than two, until the net is full.',
  'The whole is checked once more at the end, for the sum of true pieces in the wrong order is still not the file.',
  'Nobody has to know the way: it is enough that each keeps an eye on {some} of its neighbours.',
  'To cut a file into {many} pieces costs a hash for each; to cut it into too few costs time whenever one is bad.',
  'A {fish} that hides its port may call on others, and nobody can call on it.',
  'When everyone has everything there is nothing left to ask, and the shoal is at {rest}.',
];

const WORDS: Readonly<Record<string, readonly string[]>> = {
  fish: ['herring', 'sardine', 'mackerel', 'sprat', 'anchovy', 'peer', 'neighbour', 'seeder'],
  some: ['half', 'a third', 'a few', 'most', 'a handful'],
  many: ['five', 'a dozen', 'twenty', 'several', 'all of them'],
  much: ['much', 'at all', 'for long'],
  soon: ['soon', 'at dusk', 'without a word', 'with the tide', 'before the others'],
  water: ['water', 'current', 'dark', 'open sea'],
  trouble: ['trouble', 'bother'],
  well: ['well', 'fairly', 'quite well'],
  once: ['once', 'whole', 'in time'],
  little: ['little', 'moment', 'while'],
  rest: ['rest', 'peace', 'its largest'],
};

/** The text: ASCII, {@link SIZE} bytes, the same on every machine. */
export function makeAow(): string {
  const random = seededRandom(SIZE);
  let text = HEAD;
  for (let at = 0; ; at += 1) {
    const chapter = Math.floor(at / PARAGRAPHS_IN_CHAPTER);
    const number = (at % PARAGRAPHS_IN_CHAPTER) + 1;
    const title = `\n\nCHAPTER ${chapter + 1}. ${CHAPTERS[chapter % CHAPTERS.length]}\n`;
    const block = `${number === 1 ? title : ''}\n${paragraph(random, `${chapter + 1}.${number}`)}\n`;
    if (text.length + block.length > SIZE) return `${text}${waves(SIZE - text.length)}`;
    text += block;
  }
}

function paragraph(random: Random, number: string): string {
  const sentences = new Set<string>();
  while (sentences.size < 4) sentences.add(pick(random, SENTENCES));
  const words = [...sentences].map((sentence) =>
    sentence.replaceAll(/\{(\w+)\}/g, (_, kind: string) => pick(random, WORDS[kind]!)),
  );
  return wrap(`${number}  ${words.join(' ')}`);
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[randomBelow(random, choices.length)]!;
}

function wrap(text: string): string {
  return text.replaceAll(new RegExp(`(.{1,${WIDTH}})(?: |$)`, 'g'), '$1\n').trimEnd();
}

/** Fills up to the exact size with lines of waves. */
function waves(length: number): string {
  const line = `${'~'.repeat(WIDTH)}\n`;
  return `${`\n${line.repeat(Math.ceil(length / line.length))}`.slice(0, length - 1)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('../../data/aow.txt', import.meta.url), makeAow());
}
