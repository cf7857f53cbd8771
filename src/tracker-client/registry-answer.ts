import { type ZodType, z } from 'zod';
import {
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

/*
 * Reads what a tracker's web API answers. This file is loaded when the first call is made, as zod takes longer to load
 * than all the rest of a client, and who downloads by a `.torrent` makes no call.
 */

/** The answers of the web API, by name. */
export interface RegistryAnswers {
  readonly firstRegistration: RegistrationAnswer & { readonly token: string };
  readonly registration: RegistrationAnswer;
  readonly seeders: SeederList;
  readonly torrents: TorrentList;
  readonly torrent: TorrentDetail;
}

const SCHEMAS: { readonly [Name in keyof RegistryAnswers]: ZodType<RegistryAnswers[Name]> } = {
  firstRegistration: registrationAnswerSchema.required({ token: true }),
  registration: registrationAnswerSchema,
  seeders: seederListSchema,
  torrents: torrentListSchema,
  torrent: torrentDetailSchema,
};

/** @throws {Error} that says in which fields the answer has another shape */
export function readAnswer<Name extends keyof RegistryAnswers>(
  name: Name,
  json: unknown,
): RegistryAnswers[Name] {
  const read = SCHEMAS[name].safeParse(json);
  if (read.success) return read.data;
  throw new Error(z.prettifyError(read.error), { cause: read.error });
}

/** @returns `undefined` for what is no problem document */
export function readProblem(json: unknown): Problem | undefined {
  return problemSchema.safeParse(json).data;
}
