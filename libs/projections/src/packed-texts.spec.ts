import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PackedTexts } from './packed-texts.ts';

describe('Packed texts', () => {
  it('are as they were put, whatever else was put and freed in between', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 0, max: 4_000 }).map((length) => 'é'.repeat(length)),
    );
    const step = fc.record({ text, frees: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const texts = new PackedTexts();
        const kept: { readonly place: number; readonly text: string }[] = [];
        for (const { text, frees } of steps) {
          kept.push({ place: texts.put(text), text });
          if (frees === null) continue;
          const [gone] = kept.splice(frees % kept.length, 1);
          if (gone !== undefined) texts.free(gone.place);
        }
        for (const { place, text } of kept) expect(texts.get(place)).toBe(text);
      }),
    );
  });

  it('may be longer than a chunk', () => {
    const texts = new PackedTexts();
    const long = 'x'.repeat(3 * 2 ** 20);
    const [before, place, after] = [texts.put('before'), texts.put(long), texts.put('after')];
    expect([before, after].map((other) => texts.get(other))).toEqual(['before', 'after']);
    expect(texts.get(place) === long).toBe(true);
  });

  it('give their place to another of about the same length once they are freed', () => {
    const texts = new PackedTexts();
    const place = texts.put('a'.repeat(100));
    texts.put('b'.repeat(100));
    texts.free(place);
    expect(texts.put('c'.repeat(90))).toBe(place);
  });

  it('are only found where one was put', () => {
    expect(() => new PackedTexts().get(7)).toThrow('Nothing was ever put at 7');
  });
});
