export { createWebServer, type WebServerOptions } from './web-server.ts';
