export { ClientAddresses } from './client-addresses.ts';
export { parseProxies } from './parse-proxies.ts';
export { MAX_PROXY_HEADER_BYTES, ProxyHeaderError, readProxyHeader } from './proxy-header.ts';
