// Traits as a form; what is emptied goes. Loaded when somebody edits.
import {h, say} from "./dom.js";
import {t, named} from "./words.js";
import {customerPath} from "./api.js";
import {act} from "./acts.js";

export function openTraits({id, traits}, done) {
  const names = new Set(["name", "firstName", "lastName", "email", "phone", "city", ...Object.keys(traits)]);
  const inputs = [...names].filter((name) => !traits[name]
    || traits[name].source !== "computed" && ["string", "number"].includes(typeof traits[name].value))
    .map((name) => h("input", {name, value: traits[name]?.value}));
  const [name, value] = ["name", "value"].map((key) => h("input", {label: t(`traits.${key}`), placeholder: t(`traits.${key}`)}));
  act({
    title: t("traits.title"), label: t("traits.save"), preview: false, needsReason: false,
    fields: [inputs.map((input) => h("label.choice.edit", h("bdi", named("trait", input.name.slice(0, 120))), input)), h("div.choice.edit", name, value)],
    ask: () => {
      const asked = [...inputs.map((input) => [input.name, input.value]), [name.value.trim(), value.value]].filter(([key, text]) =>
        key && text !== String(traits[key]?.value ?? "")).map(([key, text]) =>
        // A number stays one.
        [key, typeof traits[key]?.value === "number" && +text ? +text : text.trim() || null]);
      return asked.length ? {method: "PATCH", path: `${customerPath(id)}/traits`, body: {traits: Object.fromEntries(asked)}} : null;
    },
    done: () => done(say(t("traits.saved"))),
  });
  inputs[0].focus();
}
