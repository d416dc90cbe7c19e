import type { CommandIo } from './command-io.ts';

/** Writes `{"<key>": [...]}` item by item, so that memory use does not depend on the number of items. */
export class JsonArrayWriter {
  readonly #io: CommandIo;
  readonly #key: string;
  #count = 0;

  constructor(io: CommandIo, key: string) {
    this.#io = io;
    this.#key = key;
  }

  async add(items: readonly unknown[]): Promise<void> {
    const text = items.map((item) => {
      this.#count += 1;
      const lead = this.#count === 1 ? `{\n  ${JSON.stringify(this.#key)}: [` : ',';
      return `${lead}\n    ${JSON.stringify(item, null, 2).replaceAll('\n', '\n    ')}`;
    });
    if (text.length > 0) await this.#io.write(text.join(''));
  }

  async end(): Promise<void> {
    const empty = `{\n  ${JSON.stringify(this.#key)}: []\n}\n`;
    await this.#io.write(this.#count === 0 ? empty : '\n  ]\n}\n');
  }
}
