import type { Handler } from 'hono';
import {
  type DetailedSeeder,
  MAX_OPEN_REGISTRATION_BYTES,
  MAX_REGISTRATION_BYTES,
  type SeederList,
} from '../../../tracker-protocol/index.ts';
import { charge } from './limit-requests.ts';
import { bearerToken, pageQuery } from './parameters.ts';
import { ProblemError } from './problems.ts';
import { seederView, torrentView } from './views.ts';
import type { HandlerOptions } from './web-api-options.ts';
import {
  checkContentType,
  clientAddressOfRequest,
  hasBody,
  isLocalRequest,
  readQuery,
} from './web-request.ts';

const JSON_TYPE = 'application/json';

/** Answers `GET /api/v1/seeders`. */
export function seederPage(options: HandlerOptions): Handler {
  const { catalog, toWallTime } = options;
  return async (context) => {
    const { items, total, next } = await catalog.seeders(readQuery(context, pageQuery));
    charge(options, context, { entries: items.length });
    const list: SeederList = {
      seeders: items.map((seeder) => seederView(seeder, toWallTime)),
      total,
      ...(next !== undefined && { next }),
    };
    return context.json(list);
  };
}

/** Answers `POST /api/v1/seeders`. */
export function registerSeeder({ registry, access, clientAddresses, bodies }: HandlerOptions): Handler {
  return async (context) => {
    // The right to register is checked before the body is read, which may be large.
    const grantedBy = access.checkRegistration(
      bearerToken(context),
      isLocalRequest(context, clientAddresses),
    );
    checkContentType(context, JSON_TYPE);
    const clientAddress = clientAddressOfRequest(context, clientAddresses);
    const most = grantedBy === undefined ? MAX_OPEN_REGISTRATION_BYTES : MAX_REGISTRATION_BYTES;
    return bodies.readRegistration(context, clientAddress.ip, most, async (registration) => {
      if (registration === undefined)
        throw new ProblemError(400, 'The body is empty; it has to be a registration');
      const answer = await registry.register(registration, clientAddress, grantedBy);
      return context.json(answer, 201, { Location: `/api/v1/seeders/${answer.id}` });
    });
  };
}

/** Answers `GET /api/v1/seeders/{id}`. */
export function getSeeder(options: HandlerOptions): Handler {
  const { catalog, toWallTime } = options;
  return async (context) => {
    const id = context.req.param('id')!;
    const page = readQuery(context, pageQuery);
    const [seeder, holds] = await Promise.all([catalog.seeder(id), catalog.torrentsOf(id, page)]);
    if (seeder === undefined || holds === undefined) {
      throw new ProblemError(404, `No seeder ${id} is registered`);
    }
    charge(options, context, { entries: holds.items.length });
    const detail: DetailedSeeder = {
      ...seederView(seeder, toWallTime),
      holds: holds.items.map(torrentView),
      ...(holds.next !== undefined && { next: holds.next }),
    };
    return context.json(detail);
  };
}

/** Answers `PUT /api/v1/seeders/{id}`. */
export function renewSeeder({ registry, clientAddresses, bodies }: HandlerOptions): Handler {
  return async (context) => {
    const id = context.req.param('id')!;
    const token = bearerToken(context);
    await registry.tokens.authenticate(id, token);
    if (hasBody(context)) checkContentType(context, JSON_TYPE);
    const clientAddress = clientAddressOfRequest(context, clientAddresses);
    return bodies.readRegistration(context, clientAddress.ip, MAX_REGISTRATION_BYTES, async (registration) =>
      context.json(await registry.renew(id, token, registration, clientAddress)),
    );
  };
}

/** Answers `DELETE /api/v1/seeders/{id}`. */
export function removeSeeder({ registry }: HandlerOptions): Handler {
  return async (context) => {
    await registry.leave(context.req.param('id')!, bearerToken(context));
    return context.body(null, 204);
  };
}
