/**
 * Says whether the recordings of the real program are where `deno task conform` looks for them.
 *
 * Exit code: 0 if they are there, 2 if not.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- what it has to say is its only work.

const FOLDER = new URL("../../shared/vectors/", import.meta.url);

function countRecordings(): number {
  try {
    return [...Deno.readDirSync(FOLDER)].filter((entry) => entry.name.endsWith(".json")).length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

if (countRecordings() === 0) {
  console.error(
    [
      "No recordings found in ../shared/vectors.",
      "They are kept beside the project, not in it. Put them there, or name a folder yourself:",
      "  deno task buddyscope conform FOLDER",
    ].join("\n"),
  );
  Deno.exit(2);
}
