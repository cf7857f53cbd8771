/** The advice when the system allows no more open files and sockets, see `lacksDescriptors()`. */
export const MORE_DESCRIPTORS =
  'Too few files may be open at once: allow more, for example by ulimit -n 1024, or by LimitNOFILE= of a systemd unit.';
