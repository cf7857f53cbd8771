import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type Metric, REQUEST_DURATION, type Sample } from './metric-list.ts';
import type { StatsCollector } from './stats-collector.ts';
import type { TrackerStats } from './tracker-stats.ts';

/**
 * The figures of a tracker and its process in the format of Prometheus. Only this file loads the library that writes them.
 */
export class Exposition {
  readonly contentType: string;
  readonly #collector: StatsCollector;
  readonly #registry = new Registry();
  /** The figures that are written next. */
  #stats: TrackerStats | undefined;
  /** The text that is being written. */
  #text: Promise<string> | undefined;

  constructor(collector: StatsCollector) {
    this.#collector = collector;
    this.contentType = this.#registry.contentType;
    for (const metric of METRICS) this.#register(metric);
    this.#registry.registerMetric(new RequestDuration(() => this.#stats));
    collectDefaultMetrics({ register: this.#registry });
  }

  /**
   * Writes the figures as they are now. It takes some milliseconds, and more with many connections, so a caller that asks
   * while a text is being written is given that one.
   */
  text(): Promise<string> {
    this.#text ??= this.#write().finally(() => {
      this.#text = undefined;
    });
    return this.#text;
  }

  async #write(): Promise<string> {
    this.#stats = await this.#collector.collect();
    return this.#registry.metrics();
  }

  #register({ type, name, help, label, read }: Metric): void {
    const samples = (): readonly Sample[] => (this.#stats === undefined ? [] : read(this.#stats));
    const labelNames = label === undefined ? [] : label.split(' ');
    const common = { name, help, labelNames, registers: [this.#registry] };
    if (type === 'gauge') {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const { labels = {}, value } of samples()) this.set(labels, value);
        },
      });
      return;
    }
    new Counter({
      ...common,
      collect() {
        this.reset();
        for (const { labels = {}, value } of samples()) this.inc(labels, value);
      },
    });
  }
}

/** A histogram that the front ends have filled; prom-client's own would have to be given each request. */
class RequestDuration extends Histogram<'transport'> {
  readonly #stats: () => TrackerStats | undefined;

  constructor(stats: () => TrackerStats | undefined) {
    super({ ...REQUEST_DURATION, labelNames: ['transport'], registers: [] });
    this.#stats = stats;
  }

  /** Gives the figures. prom-client's registry calls it in place of `get()`; it is not in the types. */
  async getForPromString(): Promise<object> {
    const { name } = REQUEST_DURATION;
    const values = Object.entries(this.#stats()?.transports ?? {}).flatMap(([transport, { latency }]) => [
      ...latency.classes.map(({ seconds, count }) => ({
        metricName: `${name}_bucket`,
        labels: { le: seconds ?? '+Inf', transport },
        value: count,
      })),
      { metricName: `${name}_sum`, labels: { transport }, value: latency.sum },
      { metricName: `${name}_count`, labels: { transport }, value: latency.classes.at(-1)!.count },
    ]);
    return { ...REQUEST_DURATION, type: 'histogram', values };
  }
}
