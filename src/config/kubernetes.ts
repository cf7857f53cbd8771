/**
 * Tells whether Kubernetes has set a variable, as it does in every container for a Service whose name begins with "shoal". It is
 * not meant for Shoal. A Service `shoal-tracker` sets `SHOAL_TRACKER_PORT=tcp://10.96.0.5:9910`, which would otherwise be read as
 * the port to listen on, `SHOAL_TRACKER_SERVICE_HOST`, `SHOAL_TRACKER_SERVICE_PORT_WEB` and `SHOAL_TRACKER_PORT_9910_TCP_ADDR`.
 * No variable of a setting ends like one of these.
 */
export function isSetByKubernetes(variable: string, value: string): boolean {
  if (/_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/.test(variable))
    return true;
  return variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value);
}
