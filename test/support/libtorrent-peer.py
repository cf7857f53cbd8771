"""A libtorrent session driven by JSON lines: a request {"id", "method", "params"} on stdin is answered on stdout by
{"id", "result"} or {"id", "error"}; what happens to a torrent is told as {"event", "torrent"}. Everything libtorrent
says goes to stderr. Ends with its stdin."""

import json
import os
import sys
import threading

import libtorrent as lt

ALERTS = (
    lt.alert.category_t.error_notification
    | lt.alert.category_t.status_notification
    | lt.alert.category_t.tracker_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.connect_notification
    | lt.alert.category_t.peer_notification
)

CREATE_FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}

output_lock = threading.Lock()


def say(message):
    with output_lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def best_hash(hashes):
    """The info-hash on the wire: v1, or else the v2 hash cut to 20 bytes."""
    return str(hashes.v1) if hashes.has_v1() else str(hashes.v2)[:40]


def everyone_counts():
    """Rate limits hold for peers on this machine, too, whom libtorrent leaves out of them."""
    classes = lt.ip_filter()
    classes.add_rule("0.0.0.0", "255.255.255.255", 1 << lt.session.global_peer_class_id)
    return classes


class Peer:
    def __init__(self):
        self.session = None
        self.torrents = {}

    def start(self, host, settings):
        self.session = lt.session(
            {
                "listen_interfaces": f"[{host}]:0" if ":" in host else f"{host}:0",
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "enable_incoming_utp": False,
                "enable_outgoing_utp": False,
                "allow_multiple_connections_per_ip": True,
                "stop_tracker_timeout": 1,
                "alert_mask": int(ALERTS),
                **settings,
            }
        )
        self.session.set_peer_class_filter(everyone_counts())
        # Not wait_for_alert(): it returns an alert, which may move while Python looks at it, and that is a crash.
        alerts, alerts_end = os.pipe()
        self.session.set_alert_fd(alerts_end)
        threading.Thread(target=self.report_alerts, args=[alerts], daemon=True).start()
        return {"port": self.session.listen_port()}

    def report_alerts(self, alerts):
        while os.read(alerts, 4096):
            for alert in self.session.pop_alerts():
                print(f"{alert.what()}: {alert.message()}", file=sys.stderr, flush=True)
                self.report(alert)

    def report(self, alert):
        if isinstance(alert, lt.torrent_finished_alert):
            # Only after the flush can others read the whole file.
            alert.handle.flush_cache()
        elif isinstance(alert, lt.cache_flushed_alert):
            if alert.handle.is_valid() and alert.handle.status().is_seeding:
                self.tell("finished", alert.handle)
        elif isinstance(alert, lt.tracker_reply_alert):
            self.tell("announced", alert.handle)
        elif isinstance(alert, lt.scrape_reply_alert):
            self.tell("scraped", alert.handle, complete=alert.complete, incomplete=alert.incomplete)
        elif isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
            self.tell("failed", alert.handle, message=alert.message())

    def tell(self, event, handle, **more):
        say({"event": event, "torrent": best_hash(handle.info_hashes()), **more})

    def add(self, source, folder, trackers):
        if source.startswith("magnet:"):
            params = lt.parse_magnet_uri(source)
        else:
            params = lt.add_torrent_params()
            params.ti = lt.torrent_info(source)
        params.save_path = folder
        params.trackers = params.trackers + trackers
        params.flags &= ~lt.torrent_flags.paused & ~lt.torrent_flags.auto_managed
        handle = self.session.add_torrent(params)
        torrent = best_hash(handle.info_hashes())
        self.torrents[torrent] = handle
        return {"torrent": torrent}

    def connect(self, torrent, host, port):
        self.torrents[torrent].connect_peer((host, port))

    def scrape(self, torrent):
        self.torrents[torrent].scrape_tracker()

    def remove(self, torrent):
        self.session.remove_torrent(self.torrents.pop(torrent))

    def status(self, torrent):
        handle = self.torrents[torrent]
        status = handle.status()
        return {
            "state": str(status.state),
            "progress": status.progress,
            "isSeeding": status.is_seeding,
            "error": status.errc.message() if status.errc.value() != 0 else "",
            "downloaded": status.total_payload_download,
            "uploaded": status.total_payload_upload,
            "failedBytes": status.total_failed_bytes,
            "peers": [
                {
                    "host": peer.ip[0],
                    "port": peer.ip[1],
                    "client": peer.client.decode(errors="replace"),
                    "downloaded": peer.total_download,
                    "uploaded": peer.total_upload,
                }
                for peer in handle.get_peer_info()
            ],
        }

    def create(self, path, output, version, pieceLength, trackers, private, attributes):
        storage = lt.file_storage()
        # Both the list of files and the torrent have to know that links stay links.
        flags = lt.create_torrent.symlinks if attributes else 0
        lt.add_files(storage, path, flags=flags)
        torrent = lt.create_torrent(storage, pieceLength, CREATE_FLAGS[version] | flags)
        torrent.set_priv(private)
        for tier, tracker in enumerate(trackers):
            torrent.add_tracker(tracker, tier)
        lt.set_piece_hashes(torrent, os.path.dirname(path))
        with open(output, "wb") as file:
            file.write(lt.bencode(torrent.generate()))

    def describe(self, path):
        info = lt.torrent_info(path)
        hashes = info.info_hashes()
        files = info.files()
        return {
            "name": info.name(),
            "infoHashV1": str(hashes.v1) if hashes.has_v1() else None,
            "infoHashV2": str(hashes.v2) if hashes.has_v2() else None,
            "length": sum(file["length"] for file in self.files(files)),
            "pieceLength": info.piece_length(),
            "pieceCount": info.num_pieces(),
            "private": info.priv(),
            "comment": info.comment(),
            "createdBy": info.creator(),
            "trackers": [{"url": tracker.url, "tier": tracker.tier} for tracker in info.trackers()],
            "files": self.files(files),
        }

    def files(self, files):
        return [
            {
                "path": files.file_path(index),
                "length": files.file_size(index),
                "offset": files.file_offset(index),
                "piecesRoot": str(files.root(index)) if files.v2() else None,
            }
            for index in range(files.num_files())
            if not files.file_flags(index) & lt.file_storage.flag_pad_file
        ]


def main():
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = getattr(peer, request["method"])(**request["params"])
            say({"id": request["id"], "result": result})
        except Exception as error:  # whatever it is, the test that asked shall see it
            say({"id": request["id"], "error": f"{type(error).__name__}: {error}"})
    # libtorrent's own ending waits for trackers; nobody waits for us.
    os._exit(0)


main()
