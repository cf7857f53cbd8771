import { configProperties } from './config-properties.ts';
import { limitsPage } from './limits-page.ts';
import { metricsPage } from './metrics-page.ts';

/** The files that `npm run generate` writes, each with what makes it of the folder of the project. */
export const GENERATED: Readonly<Record<string, (root: string) => string>> = {
  'config/config.properties': configProperties,
  'docs/limits.md': limitsPage,
  'docs/metrics.md': metricsPage,
};
