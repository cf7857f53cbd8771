import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { toError } from '../../../util/index.ts';
import { RegistryError, StoreUnavailableError } from '../../errors/index.ts';
import { checkLookUps } from './check-look-ups.ts';
import { checkWebPages } from './check-web-pages.ts';
import { GivenMetainfo } from './given-metainfo.ts';
import type { Health } from './health.ts';
import { limitRequests } from './limit-requests.ts';
import { nothingAt } from './nothing-at.ts';
import { onlyAllows } from './parameters.ts';
import { ProblemError, registryProblem, storeProblem } from './problems.ts';
import { BodyReader } from './request-body.ts';
import { ROUTES } from './routes.ts';
import * as seeders from './seeder-handlers.ts';
import { getMetrics, getStats } from './stats-handlers.ts';
import * as torrents from './torrent-handlers.ts';
import type { HandlerOptions, WebApiOptions } from './web-api-options.ts';

/** Makes the web API. Refusals are problem documents. Errors inside the tracker are reported, and not told to clients. */
export function createWebApi(webApiOptions: WebApiOptions): Hono {
  const options: HandlerOptions = {
    ...webApiOptions,
    bodies: new BodyReader({ ...webApiOptions, requests: webApiOptions.rateLimits.requests }),
    given: new GivenMetainfo(),
  };
  const app = new Hono();
  app.use(limitRequests(options));
  app.use(checkWebPages(options));
  app.use('/api/*', checkLookUps(options));
  app.use('/metrics', checkLookUps(options));

  app.get('/api/v1/seeders', seeders.seederPage(options));
  app.post('/api/v1/seeders', seeders.registerSeeder(options));
  app.all('/api/v1/seeders', onlyAllows('GET', 'POST'));

  app.get('/api/v1/seeders/:id', seeders.getSeeder(options));
  app.put('/api/v1/seeders/:id', seeders.renewSeeder(options));
  app.delete('/api/v1/seeders/:id', seeders.removeSeeder(options));
  app.all('/api/v1/seeders/:id', onlyAllows('GET', 'PUT', 'DELETE'));

  app.get('/api/v1/torrents', torrents.torrentPage(options));
  app.all('/api/v1/torrents', onlyAllows('GET'));

  app.get('/api/v1/torrents/:infoHash{[^/]+\\.torrent}', torrents.getMetainfo(options));
  app.put('/api/v1/torrents/:infoHash{[^/]+\\.torrent}', torrents.putMetainfo(options));
  app.all('/api/v1/torrents/:infoHash{[^/]+\\.torrent}', onlyAllows('GET', 'PUT'));

  app.get('/api/v1/torrents/:infoHash', torrents.getTorrent(options));
  app.all('/api/v1/torrents/:infoHash', onlyAllows('GET'));

  app.get('/healthz', async (context) =>
    context.json(await health(options), options.stats.isDraining ? 503 : 200),
  );
  app.all('/healthz', onlyAllows('GET'));

  app.get('/api/v1/stats', getStats(options));
  app.all('/api/v1/stats', onlyAllows('GET'));

  if (options.hasMetrics) {
    app.get('/metrics', getMetrics(options));
    app.all('/metrics', onlyAllows('GET'));
  }

  let description: object | undefined;
  app.get('/openapi.json', (context) => {
    // Making it takes a sixth of the time that a tracker needs to start.
    description ??= openApiDescription();
    return context.json(description);
  });
  app.all('/openapi.json', onlyAllows('GET'));

  const { webProblems } = options.counters;
  const tell = (problem: ProblemError): Response => {
    webProblems[problem.status] = (webProblems[problem.status] ?? 0) + 1;
    return problem.toResponse();
  };
  app.notFound((context) => tell(nothingAt(context.req.path, options.access)));
  app.onError((error, context) => {
    if (error instanceof ProblemError) return tell(error);
    if (error instanceof RegistryError) return tell(registryProblem(error));
    if (error instanceof StoreUnavailableError) return tell(storeProblem(error));
    options.report(toError(error), `answer ${context.req.method} ${context.req.path}`);
    return tell(new ProblemError(500, 'The tracker has failed; its log says how'));
  });
  return app;
}

async function health({ stats }: WebApiOptions): Promise<Health> {
  const known = await stats.known();
  const status = stats.isDraining ? 'draining' : known === undefined ? 'store-away' : 'ok';
  return { status, ...(known ?? NOTHING_KNOWN) };
}

const NOTHING_KNOWN = { seeders: null, swarms: null, peers: null };

function openApiDescription(): object {
  const { openAPIRegistry, getOpenAPI31Document } = documented();
  openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description:
      'To register a seeder, and to look up at a private tracker: an access token. To renew, to leave and to upload: the token that the answer to the registration gives',
  });
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Shoal tracker', version: '1' },
  });
}

function documented(): OpenAPIHono {
  const documented = new OpenAPIHono();
  for (const route of ROUTES) documented.openAPIRegistry.registerPath(route);
  return documented;
}
