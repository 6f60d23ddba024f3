/** Where a value stands: its key or index in the container at `parent`. The root has no step. */
export interface Step {
  readonly parent: Step | null;
  readonly key: string | number;
  readonly depth: number;
  /** The ancestor at which the path of this step is cut; null when it is shown in full. */
  readonly cutAt: Step | null;
}

/** A path longer than this is cut: what is nested 100 000 deep must not make each finding 300 kB long. */
const MAX_STEPS = 100;

/** The step to a member of the container at `parent`. */
export function stepTo(parent: Step | null, key: string | number): Step {
  const cutAt = parent?.depth === MAX_STEPS ? parent : (parent?.cutAt ?? null);
  return { parent, key, depth: (parent?.depth ?? 0) + 1, cutAt };
}

/** Writes where a value stands as a JSON path, such as `$.items[2]["first name"]`; null for the root. */
export function pathOf(step: Step | null): string | null {
  if (step === null) return null;
  let path = step.cutAt === null ? "" : "…";
  for (let at: Step | null = step.cutAt ?? step; at !== null; at = at.parent) path = segment(at.key) + path;
  return `$${path}`;
}

function segment(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
