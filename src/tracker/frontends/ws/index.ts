export {
  MAX_WS_CONNECTIONS,
  TrackerWsServer,
  type TrackerWsServerOptions,
  type WsPolicy,
} from './tracker-ws-server.ts';
