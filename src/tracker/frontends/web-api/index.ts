export { type WebPageOptions, WebPageRules } from './web-page-rules.ts';
export { createWebServer, type WebServerOptions } from './web-server.ts';
