// Runs bittorrent-tracker over all its transports: HTTP and WebSocket on one port, UDP on another.
import { Server } from 'bittorrent-tracker';

const server = new Server({ udp: true, http: true, ws: true, stats: false, trustProxy: false });
// It reports what clients do wrong, too.
server.on('warning', () => {});
server.on('error', (error) => {
  throw error;
});
server.listen(0, { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' }, () =>
  console.log(`listening on ${server.http.address().port} ${server.udp.address().port}`),
);
