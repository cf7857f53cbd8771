export { closeServer, listen } from './listen.ts';
export type { TrackerPath } from './request-head.ts';
export { answerTrackerRequest, type TrackerAnswerOptions } from './tracker-answers.ts';
export {
  MAX_HTTP_CONNECTIONS,
  senderOf,
  TrackerHttpServer,
  type TrackerHttpServerOptions,
} from './tracker-http-server.ts';
