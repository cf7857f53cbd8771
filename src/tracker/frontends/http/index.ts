export type { PortTls } from './arrival-stage.ts';
export { ConnectionTurns } from './connection-turns.ts';
export {
  TrackerHttpServer,
  type TrackerHttpServerOptions,
} from './tracker-http-server.ts';
export {
  answerFullScrape,
  answerTrackerRequest,
  isFullScrape,
  type TrackerRequest,
  type TrackerResponseOptions,
} from './tracker-responses.ts';
export type { WebSocketHandshake, WebSocketUpgrade } from './web-socket-handshake.ts';
export { FREE_PATH } from './web-stage.ts';
