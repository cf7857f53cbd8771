// WebTorrent asks for these and does without WebRTC when they are not there.
export const RTCPeerConnection = undefined;
export const RTCSessionDescription = undefined;
export const RTCIceCandidate = undefined;
