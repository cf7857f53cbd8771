"""libtorrent as it is unless told otherwise, over TCP and with trackers only.

libtorrent-peer.py seed FILE.torrent FOLDER HOST    prints {"port": …}; on SIGTERM {"uploaded": …}, and ends
libtorrent-peer.py get FILE.torrent FOLDER [stay]   ends when all is there, or with "stay" prints "finished" and seeds
libtorrent-peer.py create FILE OUTPUT PIECE_LENGTH  makes a torrent of version 1
libtorrent-peer.py version
"""

import json
import os
import signal
import sys

import libtorrent as lt

ALERTS = (
    lt.alert.category_t.error_notification
    | lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification
)


def start(torrent_file, folder, host, is_seed):
    session = lt.session(
        {
            "listen_interfaces": f"{host}:0",
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_incoming_utp": False,
            "enable_outgoing_utp": False,
            "alert_mask": int(ALERTS),
        }
    )
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent_file)
    params.save_path = folder
    params.flags &= ~lt.torrent_flags.paused & ~lt.torrent_flags.auto_managed
    if is_seed:
        params.flags |= lt.torrent_flags.seed_mode
    return session, session.add_torrent(params)


def say(value):
    print(json.dumps(value), flush=True)


def seed(torrent_file, folder, host):
    session, handle = start(torrent_file, folder, host, True)

    def stop(*_):
        say({"uploaded": handle.status().total_payload_upload})
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    say({"port": session.listen_port()})
    while True:
        signal.pause()


def get(torrent_file, folder, mode="leave"):
    session, torrent = start(torrent_file, folder, "0.0.0.0", False)
    while True:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.torrent_finished_alert):
                # All is checked, but the last pieces may still wait to be written.
                torrent.flush_cache()
            elif isinstance(alert, lt.cache_flushed_alert):
                print("finished", flush=True)
                if mode == "leave":
                    # libtorrent's own ending waits for trackers; nobody waits for us.
                    os._exit(0)
            elif isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())


def create(path, output, piece_length):
    storage = lt.file_storage()
    lt.add_files(storage, path)
    torrent = lt.create_torrent(storage, int(piece_length), lt.create_torrent.v1_only)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    with open(output, "wb") as file:
        file.write(lt.bencode(torrent.generate()))


def version():
    print(lt.__version__)


commands = {"seed": seed, "get": get, "create": create, "version": version}
commands[sys.argv[1]](*sys.argv[2:])
