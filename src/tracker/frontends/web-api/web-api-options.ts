import type { Clock, ReportError, Turns } from '../../../util/index.ts';
import type { Access } from '../../guard/access/index.ts';
import type { AddressLimits } from '../../guard/rate-limit/index.ts';
import type { StatsCollector, TrackerCounters } from '../../metrics/index.ts';
import type { Catalog } from '../../registry/catalog/index.ts';
import type { Registry } from '../../registry/index.ts';
import type { SwarmStore } from '../../swarms/index.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import type { GivenMetainfo } from './given-metainfo.ts';
import type { BodyReader } from './request-body.ts';
import type { ToWallTime } from './views.ts';
import type { WebPageRules } from './web-page-rules.ts';

export interface WebApiOptions {
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly swarms: SwarmStore;
  readonly access: Access;
  readonly rateLimits: AddressLimits;
  readonly clientAddresses: ClientAddresses;
  readonly pages: WebPageRules;
  readonly counters: TrackerCounters;
  readonly stats: StatsCollector;
  /** Whether there is a path `/metrics`. */
  readonly hasMetrics: boolean;
  /** Gives work that takes long its turns. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly toWallTime: ToWallTime;
  readonly report: ReportError;
}

/** The options that the handlers of all paths share. */
export interface HandlerOptions extends WebApiOptions {
  readonly bodies: BodyReader;
  readonly given: GivenMetainfo;
}
