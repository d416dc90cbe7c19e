import { useRef, type PointerEvent } from 'react';

/** A shorter way is a click. */
const CLICK_PIXELS = 4;

/** Tells drags from clicks. Returns the handlers of an element; positions are from its left edge. */
export function useDragging({
  onDrag,
  onClick,
  onHover,
}: {
  /** Called with the pixels since the last call. */
  readonly onDrag: (pixels: number) => void;
  readonly onClick: (x: number) => void;
  /** Called with null when the pointer leaves. */
  readonly onHover: (x: number | null) => void;
}) {
  const pressed = useRef<{ start: number; last: number; isDrag: boolean } | null>(null);
  const position = (event: PointerEvent<HTMLElement>): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      const x = position(event);
      pressed.current = { start: x, last: x, isDrag: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      const x = position(event);
      const { current } = pressed;
      if (current === null) {
        onHover(x);
        return;
      }
      current.isDrag ||= Math.abs(x - current.start) > CLICK_PIXELS;
      if (!current.isDrag) return;
      onDrag(x - current.last);
      current.last = x;
    },
    onPointerUp: (event: PointerEvent<HTMLElement>): void => {
      if (pressed.current?.isDrag === false) onClick(position(event));
      pressed.current = null;
    },
    onPointerCancel: (): void => {
      pressed.current = null;
    },
    onPointerLeave: (): void => onHover(null),
  };
}
