import type { Clock, ReportError, Turns } from '../../../util/index.ts';
import type { Access } from '../../guard/access/index.ts';
import type { AbuseLimits } from '../../guard/rate-limit/index.ts';
import type { StatsCollector, TrackerCounters } from '../../metrics/index.ts';
import type { Catalog } from '../../registry/catalog/index.ts';
import type { Registrar } from '../../registry/index.ts';
import type { SwarmStore } from '../../swarms/index.ts';
import type { Senders } from '../client-address/index.ts';
import type { GivenMetainfo } from './given-metainfo.ts';
import type { BodyReader } from './request-body.ts';
import type { ToWallTime } from './views.ts';
import type { WebPageRules } from './web-page-rules.ts';

export interface WebApiOptions {
  readonly catalog: Catalog;
  readonly registrar: Registrar;
  readonly swarms: SwarmStore;
  readonly access: Access;
  readonly abuse: AbuseLimits;
  readonly senders: Senders;
  readonly pages: WebPageRules;
  readonly counters: TrackerCounters;
  readonly stats: StatsCollector;
  /** Whether `/metrics` is there. */
  readonly hasMetrics: boolean;
  /** For what takes long. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly toWallTime: ToWallTime;
  readonly report: ReportError;
}

/** What the handlers of the paths share. */
export interface HandlerOptions extends WebApiOptions {
  readonly bodies: BodyReader;
  readonly given: GivenMetainfo;
}
