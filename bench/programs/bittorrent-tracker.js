// Runs bittorrent-tracker over UDP alone.
import { Server } from 'bittorrent-tracker';

const server = new Server({ udp: true, http: false, ws: false, stats: false });
server.on('error', (error) => {
  throw error;
});
server.listen(0, { udp: '127.0.0.1', udp6: '::1' }, () =>
  console.log(`listening on ${server.udp.address().port}`),
);
