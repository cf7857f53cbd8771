export {
  TrackerWsServer,
  type TrackerWsServerOptions,
  type WsPolicy,
} from './tracker-ws-server.ts';
