export type { PortTls } from './arrival.ts';
export { ConnectionTurns } from './connection-turns.ts';
export {
  answerFullScrape,
  answerTrackerRequest,
  isFullScrape,
  type TrackerAnswerOptions,
  type TrackerRequest,
} from './tracker-answers.ts';
export {
  TrackerHttpServer,
  type TrackerHttpServerOptions,
} from './tracker-http-server.ts';
export { FREE_PATH } from './web-connection.ts';
export type { WebSocketHandshake, WebSocketUpgrade } from './web-socket-handshake.ts';
