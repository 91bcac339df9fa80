/** From offsets in UTF-16 to offsets in UTF-8. */
export function byteOffsets(text) {
  const offsets = new Uint32Array(text.length + 1)
  for (let at = 0, bytes = 0; at <= text.length; at++) {
    offsets[at] = bytes
    const unit = text.charCodeAt(at)
    const isHigh = unit >= 0xd800 && unit < 0xdc00
    const isLow = unit >= 0xdc00 && unit < 0xe000
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isHigh ? 4 : isLow ? 0 : 3
  }
  return offsets
}
