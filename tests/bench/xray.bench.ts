/**
 * Looking into dumps: of a guest, and of memory in which there is nothing to be found, which is read whole.
 */

import { ARCHS, ARM64 } from "../../arch/mod.ts";
import { boot, byteCount } from "../../mod.ts";
import { qemuMemoryOf } from "../../src/boot/mod.ts";
import { bytesSource, DumpError, dumpToBytes, planDump, xray } from "../../src/xray/mod.ts";
import { edition } from "../support.ts";

const MIB = 2 ** 20;

const memory = qemuMemoryOf(ARM64, byteCount(BigInt(512 * MIB)));
const machine = boot({ arch: ARM64, edition: edition("head"), inputs: { memory } }).machine;
const guest = dumpToBytes(planDump(machine, "elf"));

Deno.bench("a guest of 512 MiB: areas, lists, rules", () => {
  xray(bytesSource(guest), { archs: ARCHS });
});

/** Looks for areas where there are none. */
function searchInVain(bytes: Uint8Array): void {
  try {
    xray(bytesSource(bytes), { archs: ARCHS });
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
  }
}

const zeroes = new Uint8Array(256 * MIB);
Deno.bench("256 MiB of zeroes, all searched", () => searchInVain(zeroes));

const noise = new Uint8Array(256 * MIB);
let state = 1;
for (let at = 0; at < noise.length; at++) {
  state = Math.imul(state, 1664525) + 1013904223;
  noise[at] = state >>> 24; // bits: the upper byte of 32.
}
Deno.bench("256 MiB of noise, all searched", () => searchInVain(noise));
Deno.bench("256 MiB of noise, searched for arm64 alone", () => {
  try {
    xray(bytesSource(noise), { archs: [ARM64] });
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
  }
});

Deno.bench("a dump of a guest of 512 MiB planned and written to memory", () => {
  dumpToBytes(planDump(machine, "elf"));
});
