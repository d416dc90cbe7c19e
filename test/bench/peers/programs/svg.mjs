import { parseHTML } from 'linkedom';

/**
 * Returns the SVG text of a plot that `draw` makes with a document, on a white ground, so that it can be read on dark pages too.
 *
 * @param {(document: Document) => Element} draw
 * @returns {string}
 */
export function drawn(draw) {
  const { document } = parseHTML('<!doctype html><body></body>');
  const plot = draw(document);
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  plot.setAttribute(
    'style',
    'background: #fff; color: #1f2328; font-family: system-ui, sans-serif',
  );
  return `${plot.outerHTML}\n`;
}
