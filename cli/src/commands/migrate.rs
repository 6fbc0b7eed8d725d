//! `migrate`: what would bring the collections to their models, and doing it.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::{Capability, Consent, Runtime, SchemaPlan, SchemaStep};

use super::context::{Context, with_runtime};
use super::show;
use super::upgrade::unknown_source;
use crate::args::Migrate;
use crate::exit;
use crate::output::{Columns, OutputFormat};
use crate::report::Report;
use crate::text::visible::{visible, visible_lines};

/// Shows the plans, or applies one. The exit code tells whether steps are left.
pub async fn run(args: &Migrate, context: &Context) -> Result<u8, Report> {
    let mut config = context.config()?;
    for source in config.sources.values_mut() {
        // It is looked at here.
        source.schema_check = false;
    }
    with_runtime(config, async |runtime| {
        let mut plans = plans(args, runtime).await?;
        let Some(digest) = args.apply else {
            return show(&plans, context);
        };
        let Some(plan) = plans
            .iter_mut()
            .find(|plan| *plan.digest() == digest || args.source.is_some())
        else {
            let gone = "no data source has a plan of this digest: the collections or the models have changed since";
            return Err(Report::new(exit::CONFLICT, gone)
                .help("look at the plan as it is now, with `tenon migrate`"));
        };
        let current = *plan.digest() == digest;
        let consent = Consent {
            digest,
            destructive: args.allow_destructive || (current && ask(plan)?),
        };
        let left = runtime.apply_schema(plan, consent).await?;
        if context.output().is_none_or(|format| format == OutputFormat::Table) {
            show::note(&format!("{}: applied {}", plan.source(), steps(plan.steps().len())));
        }
        // What is left of the others counts too: the exit code is about all that was asked for.
        *plan = left;
        show(&plans, context)
    })
    .await
}

/// The plan of the data source that was named, or of all that can have one.
async fn plans(args: &Migrate, runtime: &Runtime) -> Result<Vec<SchemaPlan>, Report> {
    let config = runtime.config();
    if let Some(name) = &args.source {
        if !config.sources.contains_key(name.as_str()) {
            return Err(unknown_source(name, config.sources.keys()));
        }
        return Ok(vec![runtime.plan_schema(name, &[]).await?]);
    }
    let mut plans = Vec::new();
    for name in config.sources.keys() {
        if !config.models.values().any(|model| model.source == *name) {
            continue;
        }
        let source = runtime.data_source(name.as_str()).await?;
        if source.connector().has(Capability::Schema) {
            plans.push(runtime.plan_schema(name.as_str(), &[]).await?);
        }
    }
    Ok(plans)
}

/// Asks for consent to what can lose data, where somebody is there to give it.
fn ask(plan: &SchemaPlan) -> Result<bool, Report> {
    if plan.destructive().next().is_none()
        || !io::stdin().is_terminal()
        || !io::stderr().is_terminal()
    {
        return Ok(false);
    }
    let mut question = String::new();
    for (number, step) in numbered(plan).filter(|(_, step)| step.is_destructive()) {
        push_step(number, step, &mut question);
    }
    show::note(&question);
    // There is nowhere left to say that this failed; then nobody answers either.
    let _ = write!(
        io::stderr().lock(),
        "These can lose data. To apply them too, type {}: ",
        plan.source()
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|error| {
        Report::new(exit::FAILURE, format!("reading the answer failed: {error}"))
    })?;
    Ok(answer.trim() == plan.source().as_str())
}

fn show(plans: &[SchemaPlan], context: &Context) -> Result<u8, Report> {
    match context.output() {
        None => {
            let texts: Vec<String> = plans.iter().map(text).collect();
            if texts.is_empty() {
                show::note(
                    "no data source with models has a connector that manages its collections",
                );
            }
            show::print(&texts.join("\n"))?
        }
        Some(_) => {
            let rows: Vec<Entity> = plans.iter().flat_map(rows).collect();
            show::all(&rows, columns(), context)?
        }
    };
    let left = plans.iter().any(|plan| !plan.is_empty());
    Ok(if left { exit::LEFT } else { exit::OK })
}

/// A plan for reading: its steps, and how it is applied.
fn text(plan: &SchemaPlan) -> String {
    let source = plan.source();
    if plan.is_empty() {
        return format!("{source}: the collections match the models\n");
    }
    let destructive = plan.destructive().count();
    let mut text = format!("{source}: {}", steps(plan.steps().len()));
    if destructive > 0 {
        let _ = write!(text, ", {destructive} of them can lose data");
    }
    text.push_str("\n\n");
    for (number, step) in numbered(plan) {
        push_step(number, step, &mut text);
    }
    let _ = write!(
        text,
        "\nTo apply exactly this:\n  tenon migrate {source} --apply {}",
        plan.digest()
    );
    if destructive > 0 {
        text.push_str(" --allow-destructive");
    }
    text.push('\n');
    text
}

fn push_step(number: usize, step: &SchemaStep, text: &mut String) {
    // Writing into a String can't fail.
    let _ = writeln!(text, "  {number}  {}", visible(&step.to_string()));
    if let Some(danger) = &step.danger {
        let _ = writeln!(text, "     CAN LOSE DATA: {danger}");
    }
    for command in &step.commands {
        for line in visible_lines(command).lines() {
            let _ = writeln!(text, "       {line}");
        }
    }
}

fn numbered(plan: &SchemaPlan) -> impl Iterator<Item = (usize, &SchemaStep)> {
    (1..).zip(plan.steps())
}

fn steps(count: usize) -> String {
    match count {
        1 => "1 step".to_owned(),
        _ => format!("{count} steps"),
    }
}

fn rows(plan: &SchemaPlan) -> impl Iterator<Item = Entity> {
    numbered(plan).map(|(number, step)| {
        let danger = step.danger.as_ref().map(ToString::to_string);
        Entity::new()
            .with("source", plan.source().as_str())
            .with("step", i64::try_from(number).unwrap_or(i64::MAX))
            .with("kind", step.kind.as_str())
            .with("collection", step.collection.as_str())
            .with(
                "name",
                step.name.as_deref().map_or(Value::Null, Value::from),
            )
            .with("description", step.description.as_str())
            .with("destructive", step.is_destructive())
            .with("danger", danger.as_deref().map_or(Value::Null, Value::from))
            .with("commands", show::list(&step.commands))
            .with("digest", plan.digest().to_string())
    })
}

fn columns() -> Columns {
    let text = |name| (name, PropertyType::Text);
    Columns::of([
        text("source"),
        ("step", PropertyType::Integer),
        text("kind"),
        text("collection"),
        text("name"),
        text("description"),
        ("destructive", PropertyType::Boolean),
        text("danger"),
        ("commands", PropertyType::Json),
        text("digest"),
    ])
}
