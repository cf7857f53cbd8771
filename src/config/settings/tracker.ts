import { hostName, httpUrl, port, text } from '../setting-kinds.ts';

/** What the tracker is started with. */
export const TRACKER_SETTINGS = {
  'tracker.host': { kind: hostName, description: 'Address the tracker binds to; not set: all interfaces.' },
  'tracker.port': {
    kind: port,
    default: '9910',
    description: 'Port of announces and of the web API; 0: any free one.',
  },
  'tracker.webPort': {
    kind: port,
    default: '8081',
    description: 'Port of the web API alone; 0: any free one.',
  },
  'tracker.stateDir': {
    kind: text,
    description: 'Folder in which the tracker keeps its swarms over a restart; not set: they are forgotten.',
  },
  'tracker.url': {
    kind: httpUrl,
    description:
      'Where seeders and clients find the tracker; not set: tracker.port on tracker.host, or on this machine.',
  },
};
