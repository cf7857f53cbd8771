import { type ZodType, z } from 'zod';
import {
  type DetailedTorrent,
  detailedTorrentSchema,
  MAX_PAGE,
  MAX_TORRENTS_PER_SEEDER,
  type Problem,
  problemSchema,
  type RegistrationResponse,
  registrationResponseSchema,
  type SeederList,
  seederListSchema,
  type TorrentList,
  torrentListSchema,
} from '../tracker-protocol/index.ts';
import { JsonError, type JsonLimits, readJson } from '../util/index.ts';
import {
  MAX_PAGE_BYTES,
  MAX_PROBLEM_BYTES,
  MAX_REGISTRY_RESPONSE_BYTES,
  MAX_RESPONSE_DEPTH,
  MAX_VALUES_PER_ENTRY,
} from './response-limits.ts';
import { ResponseShapeError } from './response-shape-error.ts';

/*
 * Reads the responses of a tracker's web API, or of somebody who pretends to be one. The size, the depth and the number of
 * values are checked before any value is made. A response is refused at its first wrong entry, because an error for each of
 * a million entries would cost a thousand times as much as the response.
 *
 * This file is loaded when the first call is made. Zod takes longer to load than all the rest of a client, and a download
 * by a `.torrent` makes no call.
 */

/** The responses of the web API, by name. */
export interface RegistryResponses {
  readonly firstRegistration: RegistrationResponse & { readonly token: string };
  readonly registration: RegistrationResponse;
  readonly seeders: SeederList;
  readonly torrents: TorrentList;
  readonly torrent: DetailedTorrent;
}

interface ResponseShape<Answer> {
  readonly schema: ZodType<Answer>;
  /** The schema of an entry of each of its lists. */
  readonly lists: Readonly<Record<string, ZodType>>;
  readonly limits: JsonLimits;
}

const PAGE_LIMITS: JsonLimits = {
  maxBytes: MAX_PAGE_BYTES,
  maxDepth: MAX_RESPONSE_DEPTH,
  maxValues: MAX_PAGE * MAX_VALUES_PER_ENTRY,
};

const REGISTRATION_SHAPE = {
  lists: {
    missing: registrationResponseSchema.shape.missing.element,
    refused: registrationResponseSchema.shape.refused.unwrap().element,
  },
  limits: {
    maxBytes: MAX_REGISTRY_RESPONSE_BYTES,
    maxDepth: MAX_RESPONSE_DEPTH,
    // These are the two lists, and the fields beside them.
    maxValues: 2 * MAX_TORRENTS_PER_SEEDER + MAX_PAGE,
  },
};

const SHAPES: { readonly [Name in keyof RegistryResponses]: ResponseShape<RegistryResponses[Name]> } = {
  firstRegistration: { schema: registrationResponseSchema.required({ token: true }), ...REGISTRATION_SHAPE },
  registration: { schema: registrationResponseSchema, ...REGISTRATION_SHAPE },
  seeders: {
    schema: seederListSchema,
    lists: { seeders: seederListSchema.shape.seeders.element },
    limits: PAGE_LIMITS,
  },
  torrents: {
    schema: torrentListSchema,
    lists: { torrents: torrentListSchema.shape.torrents.element },
    limits: PAGE_LIMITS,
  },
  torrent: {
    schema: detailedTorrentSchema,
    lists: { heldBy: detailedTorrentSchema.shape.heldBy.element },
    limits: PAGE_LIMITS,
  },
};

/**
 * Reads a response.
 *
 * @throws {JsonError} when it is no JSON, or beyond a limit
 * @throws {ResponseShapeError} when it has another shape
 */
export function readAnswer<Name extends keyof RegistryResponses>(
  name: Name,
  body: Uint8Array,
): RegistryResponses[Name] {
  const { schema, lists, limits } = SHAPES[name];
  const json = readJson(body, limits);
  checkLists(json, lists);
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw new ResponseShapeError('BAD_SHAPE', z.prettifyError(read.error), { cause: read.error });
}

/** Checks the entries of the lists. @throws {ResponseShapeError} at the first wrong entry, so that errors stay few */
function checkLists(json: unknown, lists: ResponseShape<unknown>['lists']): void {
  if (typeof json !== 'object' || json === null) return;
  for (const [field, value] of Object.entries(json)) {
    const schema = Object.hasOwn(lists, field) ? lists[field] : undefined;
    if (schema === undefined || !Array.isArray(value)) continue;
    for (const [at, entry] of value.entries()) {
      const read = schema.safeParse(entry);
      if (read.success) continue;
      const issues = read.error.issues.map((issue) => ({ ...issue, path: [field, at, ...issue.path] }));
      throw new ResponseShapeError('BAD_SHAPE', z.prettifyError({ issues }), { cause: read.error });
    }
  }
}

const PROBLEM_LIMITS: JsonLimits = {
  maxBytes: MAX_PROBLEM_BYTES,
  maxDepth: MAX_RESPONSE_DEPTH,
  maxValues: 1000,
};

/** Reads a problem document. @returns `undefined` for any other body @see RFC 9457 */
export function readProblem(body: Uint8Array): Problem | undefined {
  try {
    return problemSchema.safeParse(readJson(body, PROBLEM_LIMITS)).data;
  } catch (thrown) {
    if (thrown instanceof JsonError) return undefined;
    throw thrown;
  }
}
