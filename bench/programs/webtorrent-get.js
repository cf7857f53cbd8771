// Downloads a torrent with WebTorrent, over TCP, without encryption and with trackers only:
// node webtorrent-get.js FILE.torrent FOLDER
import WebTorrent from 'webtorrent';

const [torrentFile, folder] = process.argv.slice(2);
const client = new WebTorrent({
  dht: false,
  lsd: false,
  natUpnp: false,
  natPmp: false,
  utp: false,
  secure: 0,
});
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
client.on('error', fail);
client.add(torrentFile, { path: folder }, (torrent) => {
  torrent.on('error', fail);
  torrent.on('done', () => client.destroy((error) => (error ? fail(error) : process.exit(0))));
});
