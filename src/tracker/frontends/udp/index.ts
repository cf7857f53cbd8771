export { TrackerUdpServer } from './tracker-udp-server.ts';
