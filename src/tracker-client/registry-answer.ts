import { type ZodType, z } from 'zod';
import {
  MAX_PAGE,
  MAX_TORRENTS_PER_SEEDER,
  type Problem,
  problemSchema,
  type RegistrationAnswer,
  registrationAnswerSchema,
  type SeederList,
  seederListSchema,
  type TorrentDetail,
  type TorrentList,
  torrentDetailSchema,
  torrentListSchema,
} from '../tracker-protocol/index.ts';
import { JsonError, type JsonLimits, readJson } from '../util/index.ts';
import {
  MAX_ANSWER_DEPTH,
  MAX_PAGE_BYTES,
  MAX_PROBLEM_BYTES,
  MAX_REGISTRY_ANSWER_BYTES,
  MAX_VALUES_PER_ENTRY,
} from './answer-limits.ts';
import { AnswerShapeError } from './answer-shape-error.ts';

/*
 * Reads what a tracker's web API answers, or somebody who pretends to be one. Its size, its depth and the number of its
 * values are known to be within limits before anything is made of it, and it is refused at the first entry that is wrong:
 * an error for each of a million entries would cost a thousand times what the answer does.
 *
 * This file is loaded when the first call is made, as zod takes longer to load than all the rest of a client, and a
 * download by a `.torrent` makes no call.
 */

/** The answers of the web API, by name. */
export interface RegistryAnswers {
  readonly firstRegistration: RegistrationAnswer & { readonly token: string };
  readonly registration: RegistrationAnswer;
  readonly seeders: SeederList;
  readonly torrents: TorrentList;
  readonly torrent: TorrentDetail;
}

interface AnswerShape<Answer> {
  readonly schema: ZodType<Answer>;
  /** The schema of an entry of each of its lists. */
  readonly lists: Readonly<Record<string, ZodType>>;
  readonly limits: JsonLimits;
}

const PAGE_LIMITS: JsonLimits = {
  maxBytes: MAX_PAGE_BYTES,
  maxDepth: MAX_ANSWER_DEPTH,
  maxValues: MAX_PAGE * MAX_VALUES_PER_ENTRY,
};

const REGISTRATION_SHAPE = {
  lists: {
    missing: registrationAnswerSchema.shape.missing.element,
    refused: registrationAnswerSchema.shape.refused.unwrap().element,
  },
  limits: {
    maxBytes: MAX_REGISTRY_ANSWER_BYTES,
    maxDepth: MAX_ANSWER_DEPTH,
    // Its two lists, and the fields beside them.
    maxValues: 2 * MAX_TORRENTS_PER_SEEDER + MAX_PAGE,
  },
};

const SHAPES: { readonly [Name in keyof RegistryAnswers]: AnswerShape<RegistryAnswers[Name]> } = {
  firstRegistration: { schema: registrationAnswerSchema.required({ token: true }), ...REGISTRATION_SHAPE },
  registration: { schema: registrationAnswerSchema, ...REGISTRATION_SHAPE },
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
    schema: torrentDetailSchema,
    lists: { heldBy: torrentDetailSchema.shape.heldBy.element },
    limits: PAGE_LIMITS,
  },
};

/**
 * Reads an answer.
 *
 * @throws {JsonError} when it is no JSON, or beyond a limit
 * @throws {AnswerShapeError}
 */
export function readAnswer<Name extends keyof RegistryAnswers>(
  name: Name,
  body: Uint8Array,
): RegistryAnswers[Name] {
  const { schema, lists, limits } = SHAPES[name];
  const json = readJson(body, limits);
  checkLists(json, lists);
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw new AnswerShapeError('BAD_SHAPE', z.prettifyError(read.error), { cause: read.error });
}

/** @throws {AnswerShapeError} for the first entry that is wrong: then the whole answer has few faults at most */
function checkLists(json: unknown, lists: AnswerShape<unknown>['lists']): void {
  if (typeof json !== 'object' || json === null) return;
  for (const [field, value] of Object.entries(json)) {
    const schema = Object.hasOwn(lists, field) ? lists[field] : undefined;
    if (schema === undefined || !Array.isArray(value)) continue;
    for (const [at, entry] of value.entries()) {
      const read = schema.safeParse(entry);
      if (read.success) continue;
      const issues = read.error.issues.map((issue) => ({ ...issue, path: [field, at, ...issue.path] }));
      throw new AnswerShapeError('BAD_SHAPE', z.prettifyError({ issues }), { cause: read.error });
    }
  }
}

const PROBLEM_LIMITS: JsonLimits = {
  maxBytes: MAX_PROBLEM_BYTES,
  maxDepth: MAX_ANSWER_DEPTH,
  maxValues: 1000,
};

/** Reads a problem document. @returns `undefined` for what is none. @see RFC 9457 */
export function readProblem(body: Uint8Array): Problem | undefined {
  try {
    return problemSchema.safeParse(readJson(body, PROBLEM_LIMITS)).data;
  } catch (thrown) {
    if (thrown instanceof JsonError) return undefined;
    throw thrown;
  }
}
