/** Stands in for the parts of hls.js that read MPEG-TS, raw AAC, MP3 and AC-3: our segments are fragmented MP4. */

export default class UnusedFormat {
  static probe(): boolean {
    return false;
  }
}

export { UnusedFormat as AC3Demuxer };
