import { assert, assertEquals } from "@std/assert";
import { LiveBlocks } from "../src/metadata_design/live_blocks.ts";

Deno.test("LiveBlocks finds what a map finds, and needs room for blocks in use only", () => {
  const [live, plain] = [new LiveBlocks(), new Map<number, number>()];
  let random = 1;
  const below = (limit: number): number => (random = random * 48271 % 2147483647) % limit;
  const handles: number[] = [];
  for (let handle = 0; handle < 20_000; handle++) {
    const frame = below(2 ** 20) * 2 ** 30;
    live.add(handle, frame);
    plain.set(handle, frame);
    handles.push(handle);
    while (handles.length > 60) {
      const [gone = 0] = handles.splice(below(handles.length), 1);
      assertEquals(live.take(gone), plain.get(gone), `handle ${gone}`);
      plain.delete(gone);
      assertEquals(live.take(gone), -1, `handle ${gone}, again`);
    }
  }
  for (const handle of handles) assertEquals(live.take(handle), plain.get(handle));
  assert(live.residentBytes <= 61 * 4 * 12, `${live.residentBytes}`);
});
