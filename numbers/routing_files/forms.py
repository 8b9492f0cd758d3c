from django import forms

from numbers.routing_files.reading import MOST_BYTES, MOST_ROWS


class ImportForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,  # the reader has words of its own for it
        max_length=500,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        help_text=f"At most {MOST_ROWS:,} rows and {MOST_BYTES // 1024 // 1024} MB.",
        error_messages={"required": "Choose the file.", "invalid": "The file did not arrive. Choose it again."},
    )


class ReportForm(forms.Form):
    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
