"""
What libtorrent makes of a .torrent, for metainfo.test.ts.

  metainfo.py load FILE...                      one JSON object a line: what libtorrent read
  metainfo.py entries FILE...                   one JSON object a line: the files and links in it, with their attributes
  metainfo.py create VERSION PIECE_LENGTH PATH OUT   writes the torrent that libtorrent makes of PATH
"""

import json
import os
import sys

import libtorrent as lt


def load(path):
    try:
        info = lt.torrent_info(path)
    except RuntimeError as error:
        return {"error": str(error)}
    hashes = info.info_hashes()
    files = info.files()
    return {
        "v1": str(hashes.v1) if hashes.has_v1() else None,
        "v2": str(hashes.v2) if hashes.has_v2() else None,
        "name": info.name(),
        "pieceLength": info.piece_length(),
        "pieceCount": info.num_pieces(),
        "private": info.priv(),
        "files": [
            {
                "path": files.file_path(index),
                "length": files.file_size(index),
                "offset": files.file_offset(index) if files.file_size(index) > 0 else None,
                "root": str(files.root(index)) if hashes.has_v2() else None,
            }
            for index in range(files.num_files())
            if not files.file_flags(index) & lt.file_storage.flag_pad_file
        ],
    }


def entries(path):
    files = lt.torrent_info(path).files()
    found = {}
    for index in range(files.num_files()):
        flags = files.file_flags(index)
        if flags & lt.file_storage.flag_pad_file:
            continue
        is_link = bool(flags & lt.file_storage.flag_symlink)
        kind = "link" if is_link else "executable" if flags & lt.file_storage.flag_executable else "file"
        found[files.file_path(index)] = [kind, files.symlink(index) if is_link else files.file_size(index)]
    return found


def create(version, piece_length, path, out):
    files = lt.file_storage()
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[version]
    flags |= lt.create_torrent.symlinks
    lt.add_files(files, path, flags=flags)
    torrent = lt.create_torrent(files, piece_length, flags=flags)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    with open(out, "wb") as file:
        file.write(lt.bencode(torrent.generate()))


if __name__ == "__main__":
    if sys.argv[1] in ("load", "entries"):
        read = load if sys.argv[1] == "load" else entries
        for argument in sys.argv[2:]:
            print(json.dumps(read(argument)))
    else:
        create(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
