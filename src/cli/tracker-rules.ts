import type { Settings } from '../config/index.ts';
import type { TrackerRules } from '../tracker/index.ts';

/** What the settings say that a running tracker can be told again. */
export function rulesOf(settings: Settings): TrackerRules {
  return {
    announceInterval: settings['tracker.announceInterval'] / 1000,
    youngInterval: settings['tracker.youngInterval'] / 1000,
    seederExpiry: settings['tracker.seederExpiry'] / 1000,
    zones: settings['tracker.zones'],
    limits: {
      swarms: settings['tracker.maxSwarms'],
      peers: settings['tracker.maxPeers'],
      peersPerSwarm: settings['tracker.maxPeersPerSwarm'],
      numWant: settings['tracker.maxNumWant'],
      connections: settings['tracker.maxConnections'],
      connectionsPerAddress: settings['tracker.connectionsPerAddress'],
      requestsPerSecond: settings['tracker.requestsPerSecond'],
      requestBurst: settings['tracker.requestBurst'],
      seeders: settings['tracker.maxSeeders'],
      holdings: settings['tracker.maxHoldings'],
      catalogBytes: settings['tracker.maxCatalogBytes'],
    },
  };
}
