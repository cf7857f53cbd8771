import type { ReportError } from '../util/index.ts';
import { MetainfoError } from './errors.ts';
import type { Metainfo } from './metainfo.ts';

/** Reports each of a torrent's `warnings` as a `MetainfoError` `PARTLY_USED`. */
export function reportWarnings({ name, warnings }: Metainfo, report: ReportError): void {
  for (const warning of warnings) {
    report(new MetainfoError('PARTLY_USED', warning), `use all of the torrent ${JSON.stringify(name)}`);
  }
}
