export { Certificate, checkCertificate, type TlsOptions } from './certificate.ts';
export { connectionsWithin, descriptorLimit } from './descriptor-limit.ts';
export { type FrontEndOptions, type FrontEnds, listenFrontEnds } from './front-ends.ts';
