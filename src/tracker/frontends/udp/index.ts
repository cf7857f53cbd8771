export { TrackerUdpServer } from './tracker-udp-server.ts';
export { MAX_UNSENT_RESPONSES } from './udp-socket.ts';
