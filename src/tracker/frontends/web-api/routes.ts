import { createRoute } from '@hono/zod-openapi';
import {
  detailedSeederSchema,
  detailedTorrentSchema,
  problemSchema,
  registrationResponseSchema,
  registrationSchema,
  seederListSchema,
  torrentListSchema,
} from '../../../tracker-protocol/index.ts';
import { trackerStatsSchema } from '../../metrics/index.ts';
import { healthSchema } from './health.ts';
import { pageQuery, seederParams, torrentParams, torrentQuery } from './parameters.ts';

/* The web API as `/openapi.json` describes it. What each call does stands in the files of its handlers. */

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema.meta({ id: 'Problem' }) } },
});
const json = <Schema>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

const BAD = { 400: problem('The request is not valid') };
const UNKNOWN = { 404: problem('There is no such seeder, torrent or path') };
const NOT_ALLOWED = {
  401: problem('The call needs a token'),
  403: problem('The token does not allow this call'),
};
const TAKEN = { 409: problem('Another seeder is registered at the address') };
const NO_ROOM = {
  408: problem('The body arrives too slowly'),
  413: problem('The body is too large'),
  415: problem('The body does not have the content type of this call'),
  503: problem('The tracker is receiving too many bytes at once'),
  507: problem('A limit of the registry is reached'),
};

const registration = registrationSchema.meta({ id: 'Registration' });
const answer = registrationResponseSchema.meta({ id: 'RegistrationResponse' });
const metainfo = { 'application/x-bittorrent': { schema: { type: 'string', format: 'binary' } as const } };
const security = [{ token: [] }];

export const seederPage = createRoute({
  method: 'get',
  path: '/api/v1/seeders',
  summary: 'List the registered seeders',
  request: { query: pageQuery },
  responses: { 200: json('A page of seeders', seederListSchema.meta({ id: 'SeederList' })), ...BAD },
});

export const registerSeeder = createRoute({
  method: 'post',
  path: '/api/v1/seeders',
  summary: 'Register a seeder with all its torrents',
  security,
  request: { body: { required: true, ...json('', registration) } },
  responses: { 201: json('Registered', answer), ...BAD, ...NOT_ALLOWED, ...TAKEN, ...NO_ROOM },
});

export const getSeeder = createRoute({
  method: 'get',
  path: '/api/v1/seeders/{id}',
  summary: 'Show a seeder and a page of its torrents',
  request: { params: seederParams, query: pageQuery },
  responses: {
    200: json('The seeder', detailedSeederSchema.meta({ id: 'SeederDetail' })),
    ...BAD,
    ...UNKNOWN,
  },
});

export const renewSeeder = createRoute({
  method: 'put',
  path: '/api/v1/seeders/{id}',
  summary: 'Renew a registration; a body replaces the list of torrents',
  security,
  request: { params: seederParams, body: { required: false, ...json('', registration) } },
  responses: { 200: json('Renewed', answer), ...BAD, ...NOT_ALLOWED, ...UNKNOWN, ...TAKEN, ...NO_ROOM },
});

export const removeSeeder = createRoute({
  method: 'delete',
  path: '/api/v1/seeders/{id}',
  summary: 'Leave',
  security,
  request: { params: seederParams },
  responses: { 204: { description: 'Gone' }, ...NOT_ALLOWED, ...UNKNOWN },
});

export const torrentPage = createRoute({
  method: 'get',
  path: '/api/v1/torrents',
  summary:
    'Find torrents by name, size, SHA-256, content id and second info-hash, in the order of registration',
  request: { query: torrentQuery },
  responses: { 200: json('A page of torrents', torrentListSchema.meta({ id: 'TorrentList' })), ...BAD },
});

export const getTorrent = createRoute({
  method: 'get',
  path: '/api/v1/torrents/{infoHash}',
  summary: 'Show a torrent and the seeders that hold it',
  request: { params: torrentParams },
  responses: {
    200: json('The torrent', detailedTorrentSchema.meta({ id: 'TorrentDetail' })),
    ...BAD,
    ...UNKNOWN,
  },
});

export const getMetainfo = createRoute({
  method: 'get',
  path: '/api/v1/torrents/{infoHash}.torrent',
  summary: 'Download the metainfo of a torrent',
  request: { params: torrentParams },
  responses: {
    200: { description: 'A .torrent file', content: metainfo },
    ...UNKNOWN,
    503: problem('The address is downloading too many bytes at once'),
  },
});

export const putMetainfo = createRoute({
  method: 'put',
  path: '/api/v1/torrents/{infoHash}.torrent',
  summary: 'Upload the metainfo of a torrent that was registered without it',
  security,
  request: { params: torrentParams, body: { required: true, content: metainfo } },
  responses: { 204: { description: 'Kept' }, ...BAD, ...NOT_ALLOWED, ...UNKNOWN, ...NO_ROOM },
});

export const getHealth = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Tell whether the tracker is well, and how many seeders and peers it has',
  responses: {
    200: json('It is', healthSchema.meta({ id: 'Health' })),
    503: json('It is, and about to stop', healthSchema.meta({ id: 'Health' })),
  },
});

export const getStats = createRoute({
  method: 'get',
  path: '/api/v1/stats',
  summary: 'Show the figures of the tracker, which are the same as at /metrics',
  responses: { 200: json('The figures', trackerStatsSchema.meta({ id: 'TrackerStats' })) },
});

export const getMetrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Show the figures of the tracker and its process in the format of Prometheus',
  responses: {
    200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } as const } } },
  },
});

/** The calls that count against the budget of an address. */
const LIMITED = [
  seederPage,
  registerSeeder,
  getSeeder,
  renewSeeder,
  removeSeeder,
  torrentPage,
  getTorrent,
  getMetainfo,
  putMetainfo,
  getStats,
  getMetrics,
].map((route) => ({
  ...route,
  responses: {
    403: problem('A web page of another origin has sent the request'),
    421: problem('The Host header is no name of this tracker'),
    ...route.responses,
    429: problem('Too many requests from this address'),
  },
}));

export const ROUTES = [...LIMITED, getHealth];
