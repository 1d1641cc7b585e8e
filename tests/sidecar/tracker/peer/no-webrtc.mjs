// Stands where a native WebRTC would: it makes descriptions, and never connects.
import { randomUUID } from "node:crypto";

export class RTCPeerConnection extends EventTarget {
  signalingState = "stable";
  iceConnectionState = "new";
  iceGatheringState = "complete";
  connectionState = "new";
  localDescription = null;

  createDataChannel(label) {
    return Object.assign(new EventTarget(), { label, readyState: "connecting", close() {} });
  }

  async createOffer() {
    return { type: "offer", sdp: `v=0\r\no=- ${randomUUID()}\r\n` };
  }

  async createAnswer() {
    return { type: "answer", sdp: `v=0\r\no=- ${randomUUID()}\r\n` };
  }

  async setLocalDescription(description) {
    this.localDescription = description;
    queueMicrotask(() => this.onicecandidate({ candidate: null })); // that was all
  }

  async setRemoteDescription(description) {
    this.remoteDescription = description;
  }

  close() {}
}

export const RTCSessionDescription = Object;
export const RTCIceCandidate = Object;
export default RTCPeerConnection;
