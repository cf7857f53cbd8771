export { ReachabilityChecks, type Subject } from './reachability-checks.ts';
