/** The advice when so many files and sockets are open that the system gives no more, see `lacksDescriptors()`. */
export const MORE_DESCRIPTORS =
  'Too few files may be open at once: allow more, as by ulimit -n 1024, or by LimitNOFILE= of a systemd unit.';
